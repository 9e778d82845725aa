"""Run the workflow, and the stand-in for the site, at another time: `at_time.py UNIX_S […]`.

Only `time.time` is changed: waiting, TLS and the file system keep the real clock. (libfaketime
changes more, and makes threads that wait hang.)
"""

import os
import sys
import time

OFFSET_S = float(sys.argv[1]) - time.time()
real_time = time.time
time.time = lambda: real_time() + OFFSET_S

from snakemake.cli import main  # noqa: E402

from demo.site import Site  # noqa: E402
from tests.support.small_media import small_media  # noqa: E402

with Site(media=small_media()) as site:
    os.environ |= {"HTTPS_PROXY": site.proxy_url, "REQUESTS_CA_BUNDLE": site.ca_file}
    sys.argv = ["snakemake", *sys.argv[2:]]
    main()
