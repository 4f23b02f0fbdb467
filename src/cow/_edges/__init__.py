"""What other packages need to be told, once they are imported: never by us."""

from cow._edges import distributed, sparse

__all__ = ["distributed", "sparse"]
