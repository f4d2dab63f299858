"""A registry of two npm packages, of which one needs the other."""
import base64
import hashlib
import io
import json
import tarfile

REGISTRY = "https://registry.npmjs.org"
MODULES = {
    "tiny-name": ({}, "module.exports = 'world';\n"),
    "tiny-greeting": ({"tiny-name": "^1.0.0"}, "module.exports = () => 'hello ' + require('tiny-name');\n"),
}


def tarball(files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return data.getvalue()


def make_package(name):
    """(what the registry says of it, its tarball)"""
    needs, script = MODULES[name]
    manifest = {"name": name, "version": "1.0.0", "main": "index.js", "dependencies": needs}
    data = tarball({"package.json": json.dumps(manifest), "index.js": script})
    dist = {"tarball": f"{REGISTRY}/{name}/-/{name}-1.0.0.tgz", "shasum": hashlib.sha1(data).hexdigest(),
            "integrity": "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()}
    about = {"name": name, "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {**manifest, "dist": dist}}}
    return about, data


class Site:
    def __init__(self):
        self.files = {}
        for name in MODULES:
            about, data = make_package(name)
            self.files[f"/{name}"] = (json.dumps(about), "application/json")
            self.files[f"/{name}/-/{name}-1.0.0.tgz"] = (data, "application/octet-stream")

    def __call__(self, exchange):
        if exchange.request.path in self.files:
            exchange.reply(200, *self.files[exchange.request.path])
        else:
            exchange.reply(404, '{"error": "not found"}', "application/json")


def sites():
    return {REGISTRY.removeprefix("https://"): Site()}
