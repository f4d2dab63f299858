"""A module proxy (GOPROXY protocol) of one Go module. There is no checksum database: clients say GOSUMDB=off."""
import io
import json
import zipfile

HOST, MODULE, VERSION = "proxy.golang.org", "example.com/tiny", "v1.0.0"
MOD = f"module {MODULE}\n\ngo 1.19\n"
SOURCE = 'package tiny\n\nfunc Greet() string { return "hello world" }\n'


def make_zip():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in (("go.mod", MOD), ("tiny.go", SOURCE)):
            archive.writestr(f"{MODULE}@{VERSION}/{name}", text)
    return data.getvalue()


def sites():
    info = json.dumps({"Version": VERSION, "Time": "2020-01-01T00:00:00Z"})
    files = {"@v/list": VERSION + "\n", "@latest": info, f"@v/{VERSION}.info": info, f"@v/{VERSION}.mod": MOD,
             f"@v/{VERSION}.zip": make_zip()}
    files = {f"/{MODULE}/{name}": data for name, data in files.items()}

    def proxy(exchange):
        if exchange.request.path in files:
            exchange.reply(200, files[exchange.request.path], "application/octet-stream")
        else:
            exchange.reply(404, "not found\n")

    return {HOST: proxy}
