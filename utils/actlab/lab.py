"""JupyterLab on the course's first notebook, and a sentence for whatever can go wrong on the way."""

import os
import socket
import webbrowser
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

START = "notebooks/00_start_here.ipynb"
HOST = "127.0.0.1"
PORT = 8888
PORTS_TRIED = 20


class LabError(Exception):
    """Why the course cannot be opened, in a sentence."""


def course_root(marker: str = START) -> Path:
    """Return the course's folder: around the working directory, else around the installed package."""
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).parents[2]):
        if (folder / marker).exists():
            return folder
    raise LabError(f"There is no {marker} here. Change to the folder of the course and try again.")


def start(port: int | None = None, browser: bool = True) -> None:
    """Open the course in JupyterLab and serve it until interrupted; one server a folder is enough."""
    root = course_root()
    url = running_url(root)
    if url:
        print(f"JupyterLab runs on this folder already:\n{url}")
        if browser:
            webbrowser.open(url)
        return
    serve(root, free_port(port), browser)


def running_url(root: Path) -> str | None:
    """Return the address of a server that answers for this folder, if there is one."""
    from jupyter_server.serverapp import list_running_servers

    for server in list_running_servers():
        if Path(server["root_dir"]).resolve() == root.resolve() and _answers(server):
            return f"{server['url']}lab/tree/{START}" + (f"?token={server['token']}" if server["token"] else "")
    return None


def free_port(port: int | None) -> int:
    """Return the port asked for, or the first free one from 8888."""
    tried = range(PORT, PORT + PORTS_TRIED) if port is None else [port]
    for candidate in tried:
        try:
            with socket.create_server((HOST, candidate)):
                return candidate
        except (OSError, OverflowError):
            continue
    if port is None:
        raise LabError(f"The ports {PORT} to {tried[-1]} are all taken. Name another: actlab lab --port 9000")
    raise LabError(f"Port {port} is taken or not allowed. Name another, or none: actlab lab --port {PORT}")


def serve(root: Path, port: int, browser: bool) -> None:
    """Run JupyterLab in this process, offline, with saves that stay readable without a kernel."""
    from jupyterlab.labapp import LabApp

    ours, theirs = str(Path(__file__).with_name("jupyter")), os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [ours, theirs]))
    server = LabApp.initialize_server(
        argv=[
            f"--ServerApp.root_dir={root}",
            f"--ServerApp.ip={HOST}",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.open_browser={browser}",
            f"--ServerApp.allow_root={_is_root()}",
            "--Application.log_level=ERROR",
            "--KernelManager.transport_encryption=auto",
            f"--LabApp.default_url=/lab/tree/{START}",
            "--LabApp.extension_manager=readonly",
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
    )
    print(f"The course is open at\n{server.display_url}\nStop it here with Ctrl-C.", flush=True)
    server.contents_manager.register_pre_save_hook(strip_on_save)
    server.start()


def strip_on_save(model: dict, **_) -> None:
    """Jupyter's pre-save hook: see `strip_widgets`."""
    from actlab.publish.notebooks import strip_widgets

    if model["type"] == "notebook" and model.get("content"):
        strip_widgets(model["content"])


def _answers(server: dict) -> bool:
    try:
        with urlopen(f"{server['url']}api", timeout=2):
            return True
    except HTTPError:
        return True
    except (URLError, OSError):
        return False


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
