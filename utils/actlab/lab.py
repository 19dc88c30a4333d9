"""JupyterLab on the course, to learn or to present."""

import os
import shutil
import socket
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actlab.course import LESSONS
from actlab.errors import CourseError
from actlab.saved import strip_widgets

START = f"notebooks/{LESSONS[0].file}"
HOST = "127.0.0.1"
PORT = 8888
PORTS_TRIED = 20

JUPYTER = Path(__file__).with_name("jupyter")
"""Jupyter's own files: `labconfig` for everybody, `present` for a class."""


@dataclass(frozen=True)
class View:
    """What is opened, and how.  folder: served; page: a path below the address; config: instead of the user's."""

    folder: Path
    page: str
    config: Path | None = None


def learning(root: Path) -> View:
    """The lessons as a learner works in them."""
    return View(root, f"lab/tree/{START}")


def presenting(root: Path) -> View:
    """The lessons as a class sees them: a notebook a screen, in large type, without anybody's own settings."""
    folder = root / "_build" / "present"
    return View(folder, f"doc/tree/{Path(START).name}", folder / ".jupyter")


def course_root(marker: str = START) -> Path:
    """The course's folder: around the working directory, else around the installed package.  Errors: CourseError."""
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).parents[2]):
        if (folder / marker).exists():
            return folder
    if marker == START:
        raise CourseError(f"There is no {START} here. Change to the course's folder, or say: actlab start my-course")
    raise CourseError(f"There is no {marker} here. Change to the folder of a clone of the course and try again.")


def open_course(root: Path, port: int | None = None, browser: bool = True, present: bool = False) -> None:
    """Open a course's folder in JupyterLab and serve it until interrupted; one server a folder is enough.

    Errors: CourseError for whatever stands in the way.
    """
    root = root.resolve()
    view = presenting(root) if present else learning(root)
    url = running_url(view)
    if url:
        print(f"JupyterLab runs on this folder already:\n{url}")
        if browser:
            webbrowser.open(url)
        return
    port = free_port(port)
    if view.config:
        _write_presented(root, view.folder, view.config)
    serve(view, port, browser)


def running_url(view: View) -> str | None:
    """The address of a server that answers for this view's folder, if there is one."""
    from jupyter_server.serverapp import list_running_servers

    for server in list_running_servers():
        if Path(server["root_dir"]).resolve() == view.folder.resolve() and _answers(server):
            return f"{server['url']}{view.page}" + (f"?token={server['token']}" if server["token"] else "")
    return None


def free_port(port: int | None) -> int:
    """The port asked for, or the first free one from 8888.  Errors: CourseError where it is taken."""
    tried = range(PORT, PORT + PORTS_TRIED) if port is None else [port]
    for candidate in tried:
        try:
            with socket.create_server((HOST, candidate)):
                return candidate
        except (OSError, OverflowError):
            continue
    if port is None:
        raise CourseError(f"The ports {PORT} to {tried[-1]} are all taken. Name another: actlab lab --port 9000")
    raise CourseError(f"Port {port} is taken or not allowed. Name another, or none: actlab lab --port {PORT}")


def serve(view: View, port: int, browser: bool) -> None:
    """Run JupyterLab in this process, offline, with saves that stay readable without a kernel."""
    ours, theirs = str(JUPYTER), os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [ours, theirs]))
    if view.config:
        os.environ["JUPYTER_CONFIG_DIR"] = str(view.config)
    from jupyterlab.labapp import LabApp  # which settles on its folders now

    server = LabApp.initialize_server(
        argv=[
            f"--ServerApp.root_dir={view.folder}",
            f"--ServerApp.ip={HOST}",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.open_browser={browser}",
            f"--ServerApp.allow_root={_is_root()}",
            "--Application.log_level=ERROR",
            "--KernelManager.transport_encryption=auto",
            f"--LabApp.default_url=/{view.page}",
            f"--LabApp.custom_css={bool(view.config)}",
            "--LabApp.extension_manager=readonly",
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
    )
    print(f"The course is open at\n{server.display_url}\nStop it here with Ctrl-C.", flush=True)
    server.contents_manager.register_pre_save_hook(strip_on_save)
    server.start()


def strip_on_save(model: dict[str, Any], **_: object) -> None:
    """Jupyter's pre-save hook: see `strip_widgets`."""
    if model["type"] == "notebook" and model.get("content"):
        strip_widgets(model["content"])


def _write_presented(root: Path, folder: Path, config: Path) -> None:
    from actlab.publish import present

    kept = present.write(root, folder)
    shutil.copytree(JUPYTER / "present", config, dirs_exist_ok=True)
    for path in kept:
        print(f"Kept {path.relative_to(root)} as you left it: it was changed by hand. Delete it to have it fresh.")


def _answers(server: dict[str, Any]) -> bool:
    from urllib.error import HTTPError, URLError  # slow to import, and every command imports this module
    from urllib.request import urlopen

    try:
        with urlopen(f"{server['url']}api", timeout=2):
            return True
    except HTTPError:
        return True
    except (URLError, OSError):
        return False


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
