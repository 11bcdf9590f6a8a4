"""The least time that a row could take on one GPU: its bytes, its products or its exponentials, whichever is slowest.

What an H200 (SXM) was measured to reach on 2026-11-23: copies 4.27 TB/s, bf16 products 790 TFLOP/s; exponentials by
its clock. Other devices have no floor here.
"""
CEILINGS = {"NVIDIA H200": (4.3e12, 790e12, 3.9e12)}


def floor_ms(family, device):
    """Milliseconds, or None where the device was not measured."""
    for name, (bytes_per_s, flops_per_s, exps_per_s) in CEILINGS.items():
        if device.startswith(name):
            return 1000 * max(family.bytes / bytes_per_s, family.flops / (flops_per_s * family.rate), family.exps / exps_per_s)
    return None
