"""Serve the stand-in's pages until Ctrl-C or SIGTERM, and say how to open them.

python -m demo.web
"""

from inspect import getdoc

from demo.command import Stop
from demo.site import Site
from demo.web.options import Options
from demo.web.server import address, serve_pages

HOW = """\
Open it in a browser that goes through the stand-in, and in nothing else does:

  chromium --user-data-dir=/tmp/demo-web --no-first-run --disable-quic \\
    --ignore-certificate-errors --proxy-server={proxy} \\
    '{address}'

{options}

Ctrl-C ends it."""


def main() -> None:
    stop = Stop()
    with Site() as site:
        serve_pages(site)
        how = HOW.format(proxy=site.proxy_url, address=address(count=50), options=getdoc(Options))
        print(how, flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
