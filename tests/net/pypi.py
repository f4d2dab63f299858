"""A simple index (PEP 503) of one Python package, and the host of its wheel."""
import base64
import hashlib
import io
import zipfile

INDEX, FILES = "pypi.org", "files.pythonhosted.org"
NAME, VERSION = "tiny_world", "1.0.0"
WHEEL = f"{NAME}-{VERSION}-py3-none-any.whl"
INFO = f"{NAME}-{VERSION}.dist-info"


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def make_wheel():
    files = {
        f"{NAME}.py": "def greet():\n    return 'hello world'\n",
        f"{INFO}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n",
        f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: world\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name},sha256={digest(text.encode())},{len(text)}" for name, text in files.items()]
    files[f"{INFO}/RECORD"] = "\n".join([*record, f"{INFO}/RECORD,,", ""])
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def sites():
    wheel = make_wheel()
    link = f"https://{FILES}/packages/{WHEEL}#sha256={hashlib.sha256(wheel).hexdigest()}"

    def index(exchange):
        if exchange.request.path.strip("/") == "simple/tiny-world":
            exchange.reply(200, f'<!DOCTYPE html><html><body><a href="{link}">{WHEEL}</a></body></html>', "text/html")
        else:
            exchange.reply(404, "not found\n")

    def files(exchange):
        if exchange.request.path == f"/packages/{WHEEL}":
            exchange.reply(200, wheel, "application/octet-stream")
        else:
            exchange.reply(404, "not found\n")

    return {INDEX: index, FILES: files}
