"""The general words of Chinese that `layers.document` tells names from: taken from the dictionary of jieba (MIT).

    python tools/general_words.py PATH/jieba/dict.txt layers/document/words.toml

Words of two to four characters, common enough, of general parts of speech; no names of places, people or firms.
"""

import re
import sys
from pathlib import Path

PARTS = frozenset(
    ["n", "v", "vn", "a", "ad", "an", "d", "b", "f", "c", "p", "q", "s", "t", "r", "m", "l", "z", "vd", "u"]
)
LEAST = 30
HEAD = """# 通用词：取自 jieba 0.42.1 词典（MIT），两到四字，词频 30 以上，不含地名、人名、机构名。
# General words from the dictionary of jieba 0.42.1, without names; made by tools/general_words.py. jieba's licence:
# The MIT License (MIT). Copyright (c) 2013 Sun Junyi.
# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
# documentation files (the "Software"), to deal in the Software without restriction, including without
# limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the
# Software, and to permit persons to whom the Software is furnished to do so, subject to the following
# conditions: The above copyright notice and this permission notice shall be included in all copies or
# substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS
# OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE
# AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR
# OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION
# WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main(source: Path, target: Path) -> None:
    """Write the list, a line for each first character."""
    found: dict[str, list[str]] = {}
    for line in source.read_text(encoding="utf-8").splitlines():
        word, count, part = line.rsplit(" ", 2)
        if re.fullmatch("[\u4e00-\u9fff]{2,4}", word) and int(count) >= LEAST and part in PARTS:
            found.setdefault(word[0], []).append(word)
    lines = [" ".join(sorted(words)) for _, words in sorted(found.items())]
    target.write_text(HEAD + 'words = """\n' + "\n".join(lines) + '\n"""\n', encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
