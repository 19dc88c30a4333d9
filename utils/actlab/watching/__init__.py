"""Look into any model of PyTorch's while it trains: sizes, zeros, saturation, gradients and steps, layer by layer."""

from actlab.watching.layers import Layer
from actlab.watching.recorder import Record, Watch, watch
from actlab.watching.remarks import Fault, Remark, remarks

__all__ = ["Fault", "Layer", "Record", "Remark", "Watch", "remarks", "watch"]
