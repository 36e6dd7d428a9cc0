/**
 * One name for a model, however a bill or a host writes it: `Claude Haiku 4.5`, `claude-haiku-4-5-20251001` and `claude-haiku-4-5`; `gpt-4o` and `gpt-4o-2024-08-06`. Versions
 * of one model that differ only by their date are one on bills that leave it out, so they are one here.
 */
export function modelKey(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s._]+/g, "-")
    .replace(/(?:-(?:\d{8}|\d{4}-\d{2}-\d{2}|\d{4}-?\d{2}-?\d{2})|-latest|@\d{8}|@latest)$/, "")
}
