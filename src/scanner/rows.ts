/** Everything that is looked for. */
import type { ScanRow } from "./row.ts"
import { exfiltrationRows } from "./rows/exfiltration.ts"
import { injectionLanguageRows } from "./rows/injection-languages.ts"
import { injectionRows } from "./rows/injection.ts"
import { jailbreakRows } from "./rows/jailbreak.ts"
import { obfuscationRows } from "./rows/obfuscation.ts"
import { secretRows } from "./rows/secrets.ts"
import { shellRows } from "./rows/shell.ts"

export const scanRows: readonly ScanRow[] = [
  ...shellRows,
  ...exfiltrationRows,
  ...obfuscationRows,
  ...secretRows,
  ...injectionRows,
  ...injectionLanguageRows,
  ...jailbreakRows,
]
