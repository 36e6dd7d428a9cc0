/** Version and code hash of this build. The bundler fills them in; run from source they say so. */
declare const __SOVEREIGN_LEDGER_VERSION__: string | undefined
declare const __SOVEREIGN_LEDGER_CODE__: string | undefined

export const buildVersion: string = typeof __SOVEREIGN_LEDGER_VERSION__ === "string" ? __SOVEREIGN_LEDGER_VERSION__ : "0.0.0-source"
export const codeHash: string = typeof __SOVEREIGN_LEDGER_CODE__ === "string" ? __SOVEREIGN_LEDGER_CODE__ : "source"

/** Compares two versions by their numbers; what follows a hyphen is not compared. */
export function isNewer(candidate: string, than: string): boolean {
  const numbers = (version: string) => (version.split("-")[0] ?? "").split(".").map(Number)
  const [a, b] = [numbers(candidate), numbers(than)]
  for (let i = 0; i < 3; i++) if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) > (b[i] ?? 0)
  return false
}
