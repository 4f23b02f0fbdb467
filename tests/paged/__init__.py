"""`cow.paged`: copies of large arrays that cost the pages that change."""
