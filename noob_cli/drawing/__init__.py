"""Drawings of tubes: what there is to be drawn, where a layout puts it, and the formats it is shown in."""
