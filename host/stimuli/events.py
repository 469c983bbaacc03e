"""Events of a camera: four columns, ordered in time, and the size of the sensor they come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class CameraEvents:
    """Address events of one sensor, ordered in time; one tick is 1 ms.

    Members
    -------
    width, height : pixels of the sensor
    t : uint32 [n], ticks since the start of the recording, not decreasing
    x, y : uint16 [n], column from the left, row from the top
    p : uint8 [n], polarity, 1 = brighter (ON), 0 = darker (OFF)

    Raises ``ValueError`` on columns of different lengths or types, on time that runs backwards,
    and on a pixel outside of the sensor.
    """

    width: int
    height: int
    t: npt.NDArray[np.uint32]
    x: npt.NDArray[np.uint16]
    y: npt.NDArray[np.uint16]
    p: npt.NDArray[np.uint8]

    def __post_init__(self) -> None:
        types = {"t": np.uint32, "x": np.uint16, "y": np.uint16, "p": np.uint8}
        for name, dtype in types.items():
            column = getattr(self, name)
            if column.ndim != 1 or column.size != self.t.size or column.dtype != dtype:
                raise ValueError(
                    f"events: column {name} is {column.dtype} of shape {column.shape}; "
                    f"give {np.dtype(dtype)} of shape ({self.t.size},)"
                )
        if self.t.size == 0:
            return
        if np.any(self.t[1:] < self.t[:-1]):
            at = int(np.argmax(self.t[1:] < self.t[:-1])) + 1
            raise ValueError(
                f"events: time runs backwards at event {at} "
                f"({int(self.t[at - 1])} then {int(self.t[at])} ms); sort the recording by time"
            )
        for name, size in (("x", self.width), ("y", self.height), ("p", 2)):
            largest = int(getattr(self, name).max())
            if largest >= size:
                raise ValueError(
                    f"events: {name} = {largest} is outside of the {self.width}x{self.height} "
                    f"sensor; give 0 to {size - 1}"
                )

    def __len__(self) -> int:
        return int(self.t.size)

    @property
    def ticks(self) -> int:
        """Ticks from the start to the last event, that tick included."""
        return int(self.t[-1]) + 1 if self.t.size else 0
