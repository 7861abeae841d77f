"""Unpacks a source distribution of Python's package index here, and prints its folder.

usage: sdist.py NAME VERSION SHA256

pip does not do that: it would run the package's build to learn its name.
"""

import hashlib
import sys
import tarfile
import urllib.parse
import urllib.request
from html.parser import HTMLParser

from pip._internal.models.index import PyPI

name, version, wanted = sys.argv[1:]


class Links(HTMLParser):
    found = None

    def handle_starttag(self, tag, attributes):
        link = dict(attributes).get("href") or ""
        if link.endswith(f"#sha256={wanted}"):
            self.found = link


index = f"{PyPI.simple_url}/{name}/"
links = Links()
with urllib.request.urlopen(index) as page:
    links.feed(page.read().decode())
if not links.found:
    sys.exit(f"error: the index has no file of {name} {version} with the checksum {wanted}")
with urllib.request.urlopen(urllib.parse.urljoin(index, links.found)) as file:
    data = file.read()
if hashlib.sha256(data).hexdigest() != wanted:
    sys.exit(f"error: the file of {name} {version} has not the checksum {wanted}")
with open("sdist.tar.gz", "wb") as file:
    file.write(data)
with tarfile.open("sdist.tar.gz") as archive:
    archive.extractall(filter="data")
    print(archive.getnames()[0].split("/")[0])
