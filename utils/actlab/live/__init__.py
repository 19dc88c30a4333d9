"""Explorers: pictures with sliders that keep up with the hand.

A background is drawn once, as a chart or by matplotlib; whatever moves is a little SVG laid over it.  An explorer is
a background and one or more *layers*; a layer is a function of some sliders, chosen by its argument names, that returns
marks and one sentence computed from the same numbers:

    import numpy as np
    from actlab.live import Chart, Dot, Explorer, Line

    def background():
        z = np.linspace(-4, 4, 200)
        return Chart((-4, 4), (-1.2, 1.2), "sin z", "z", marks=[Line(z, np.sin(z), "steelblue")])

    def tangent(z):
        y, slope = np.sin(z), np.cos(z)
        return [Line([z - 1, z + 1], [y - slope, y + slope]), Dot(z, y)], f"At z = {z:+.2f} the slope is {slope:+.2f}."

    Explorer("The slope of a sine", {"z": np.linspace(-4, 4, 81)}, background, tangent)

A layer whose sliders have few positions is computed ahead and needs no kernel afterwards, so the picture is one
self-contained piece of HTML; what that cannot hold is asked of the kernel, while there is one, as the hand moves.
"""

from actlab.live.charts import Chart
from actlab.live.explorer import Explorer
from actlab.live.handles import Grab
from actlab.live.marks import Area, Band, Dot, Line, Mark, Text, joined
from actlab.live.sliders import Choice, Frame, Layer, Slider

__all__ = [
    "Area",
    "Band",
    "Chart",
    "Choice",
    "Dot",
    "Explorer",
    "Frame",
    "Grab",
    "Layer",
    "Line",
    "Mark",
    "Slider",
    "Text",
    "joined",
]
