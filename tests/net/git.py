"""A small repository over smart HTTP, to be cloned from and pushed to: git's own CGI program behind web.py."""
import os
import subprocess

PATH = "/team/app.git"
HOSTS = ("git.example.com", "github.com")
NOBODY = {"GIT_AUTHOR_NAME": "World", "GIT_AUTHOR_EMAIL": "world@example.com", "GIT_COMMITTER_NAME": "World",
          "GIT_COMMITTER_EMAIL": "world@example.com", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}


def git(where, *args, data=b""):
    done = subprocess.run(["git", "-C", where, *args], input=data, check=True, capture_output=True,
                          env={**os.environ, **NOBODY})
    return done.stdout.decode().strip()


def make_repository(root):
    bare = root + PATH
    os.makedirs(bare)
    git(bare, "init", "-q", "--bare", "--initial-branch=main")
    git(bare, "config", "http.receivepack", "true")
    blob = git(bare, "hash-object", "-w", "--stdin", data=b"hello from the world\n")
    tree = git(bare, "mktree", data=f"100644 blob {blob}\thello.txt\n".encode())
    git(bare, "update-ref", "refs/heads/main", git(bare, "commit-tree", "-m", "start", tree))


class Site:
    def __init__(self, root):
        self.root = root

    def environment(self, request):
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers}
        return {"PATH": os.environ["PATH"], **NOBODY, **headers, "GIT_PROJECT_ROOT": self.root,
                "GIT_HTTP_EXPORT_ALL": "1", "REQUEST_METHOD": request.method, "PATH_INFO": request.path,
                "QUERY_STRING": request.query, "CONTENT_TYPE": request.get("Content-Type"),
                "CONTENT_LENGTH": str(len(request.body)), "REMOTE_USER": "anybody", "REMOTE_ADDR": "world"}

    def __call__(self, exchange):
        done = subprocess.run(["git", "http-backend"], input=exchange.request.body, check=False,
                              capture_output=True, env=self.environment(exchange.request))
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if line)
        status = headers.pop("Status", "200 OK" if done.returncode == 0 else "500 no")
        exchange.reply(int(status.split()[0]), body, headers.pop("Content-Type", "text/plain"), **headers)


def sites(directory):
    root = f"{directory}/own/git"
    make_repository(root)
    return {host: Site(root) for host in HOSTS}
