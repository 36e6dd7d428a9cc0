/** Commands and code that nobody is to read, and code that is made while it runs. */
import { anywhere, does, type ScanRow } from "../row.ts"

const high = { category: "obfuscation", severity: "high", on: does } as const
const code = { category: "dynamic-code", severity: "medium", on: does } as const
const decoders = "b64decode|decode_base64|base64_decode|frombase64string|atob|fromhex|unhexlify|fromcharcode|gzinflate|gzuncompress|str_rot13|pack|decompress"

export const obfuscationRows: readonly ScanRow[] = [
  {
    ...high,
    check: "decode-and-run",
    patterns: [
      "base64|base32 ~3 -d|--decode|-di|-id ~20 PIPE ~2 @shell|@script",
      "@shell|eval|exec ~4 LP ~40 base64 ~3 -d|--decode",
      "xxd ~3 -r|-rp|-pr|-p ~8 PIPE ~2 @shell|@script",
      "rev PIPE ~3 @shell|xargs",
      "tr ~24 PIPE ~2 @shell",
      `eval|exec|assert|system|iex ~12 ${decoders}`,
      `new function ~6 ${decoders}`,
      "eval|exec ~10 join ~6 chr",
      "eval|exec|function ~3 buffer DOT from",
      "powershell|pwsh ~16 -enc|-ec|-encodedcommand|-encoded|-e",
    ],
  },
  // Found while a text is read, by no words.
  { ...high, check: "hidden-text", on: anywhere, patterns: [] },
  { ...high, severity: "medium", check: "hidden-characters", on: anywhere, patterns: [] },
  { ...high, severity: "medium", check: "turned-around", on: anywhere, patterns: [] },
  { ...high, check: "character-codes", place: "codes", on: anywhere, patterns: ["fromcharcode|fromcodepoint|chr|charcodes"] },
  { ...high, check: "hidden-spaces", patterns: ["DOLLAR ~2 ifs ~10 DOLLAR ~2 ifs"] },
  {
    ...code,
    check: "code-from-text",
    patterns: [
      "__import__ ~3 os|subprocess|sys|pty|socket|base64",
      "new function LP process|buffer|atob|req|request|input",
      "function LP return process|this|globalthis",
      "runinthiscontext|runinnewcontext",
      "pickle|marshal DOT loads",
      "exec|eval LP compile|input|open|marshal|requests|urllib",
      "eval ~2 env LBRACKET|LBRACE",
      "eval LP env",
      "eval DOLLAR env",
    ],
  },
]
