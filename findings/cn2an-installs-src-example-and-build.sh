#!/usr/bin/env bash
# Expected: a library for numerals adds its own package to the environment, and that of what it needs.
# Happens: the wheels of cn2an and proces also put the folders example, src and build at the top of site-packages,
#           pictures and a second copy of the package among them: `import example` finds cn2an's scripts.
# Versions: cn2an 0.5.24, proces 0.1.7.
# Source: the environments of readers of Chinese planning documents.
# Who: whoever has a package or a script folder of one of these names beside it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check cn2an==0.5.24 proces==0.1.7
cd "$work"

cat >expected <<'EOF'
cn2an: build cn2an example src
proces: build proces
example found True
EOF

"$work/env/bin/python" - >actual <<'EOF'
import importlib.util
from importlib.metadata import files
for name in ("cn2an", "proces"):
    tops = {file.parts[0] for file in files(name) if not file.parts[0].endswith(".dist-info")}
    print(f"{name}:", *sorted(tops))
print("example found", importlib.util.find_spec("example") is not None)
EOF

cat actual
diff expected actual && echo "as found"
