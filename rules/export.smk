# Packages
