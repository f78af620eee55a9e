#!/bin/sh
# In a modules stage: writes the bill of materials, then takes out what Node never reads. Licences stay.
set -eu
npm sbom --package-lock-only --sbom-format cyclonedx --sbom-type application --omit dev --omit optional -w "@runcast/$1" > sbom.cdx.json
find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.md' \
  -o -name '*.tsbuildinfo' \) -delete
