"""Guessing: a draft of a mapping from a file's header and first rows, for its author to finish.

`words` knows what headers say, `sample` how the file is written, `columns` what each column holds, `drafts` writes the
YAML. What is not certain is a comment, or `to-be-named`, which no load accepts; no value of the file is shown.
"""

from loaders.guess.drafts import guess

__all__ = ["guess"]
