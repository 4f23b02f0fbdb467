from cow._array import CowArray

__all__ = ["is_shared"]

def is_shared(a: CowArray) -> bool: ...
