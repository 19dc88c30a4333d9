"""What a saved notebook keeps of the pictures that move."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def strip_widgets(notebook: dict) -> None:
    """Remove, in place, what only a live kernel can show; picture, page and text of the same output stay.

    A notebook that stores it greets its next reader with "model not found" in place of the picture.
    """
    notebook["metadata"].pop("widgets", None)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if not data.keys().isdisjoint(("text/html", "text/plain")):
                data.pop(WIDGET_VIEW, None)
