/** Text that talks a model out of what it was told not to do. */
import { anywhere, type ScanRow } from "../row.ts"

const high = { category: "jailbreak", severity: "high", on: anywhere } as const

export const jailbreakRows: readonly ScanRow[] = [
  {
    ...high,
    check: "another-self",
    inLine: true,
    patterns: [
      "do anything now",
      "are|as|become|bist|es|eres|是 ~3 dan ~12 no|not|any*|keine|sin|ohne|没有|which|free|who",
      "now dan",
      "act|pretend|roleplay|respond|be|are|as|simulate|become ~8 ai|assistant|model|chatgpt|bot|character|persona ~6 no|without|any|zero|not ~3 @limits",
      "evil ai|bot|assistant|gpt|chatbot",
      "evilbot|evilgpt|dude|stan ~20 rules|guideline*|norms|refuse|limits",
      "unfiltered|uncensored|unrestricted ~2 ai|assistant|model|mode|bot|chatbot|llm|persona",
      "amoral ~3 unfiltered",
      "jailbreak mode|prompt",
      "jailbroken ~2 ai|mode|version|model|assistant",
      "developer mode you|output|can|enabled",
      "ai ~4 developer mode",
      "you never refuse",
      "never refuse* ~2 request|requests|answer",
      "never anywhere no",
    ],
  },
  {
    ...high,
    check: "without-limits",
    inLine: true,
    patterns: [
      "you ~2 have|having no @limits",
      "free ~2 from ~3 @limits",
      "break free ~6 confines|rules|limits",
      "answer|answers|respond|reply|speak|write ~5 without ~3 @limits",
      "answer|respond|reply uncensored|unfiltered",
      "disable|turn|bypass|remove|ignor*|switch ~4 safety|moral|ethical|content ~2 filter*|guideline*|policy|policies|restriction*|protocol*",
      "grandm* ~20 napalm|bomb|bombs|meth|explosive*|malware",
      // German, French, Spanish, Chinese
      "ki|dan|modell ~8 keine|ohne ~3 einschrankung*|regeln|filter*|beschrankung*",
      "ia|tu ~12 aucune|sans ~2 restriction*|regle*|filtre*|limite*",
      "ia|dan|eres ~10 sin|no ~3 restriccion*|reglas|filtro*|limites",
      "扮演|dan|现在 ~24 没有|不受 ~8 限制",
      "越狱 ~3 模式",
    ],
  },
]
