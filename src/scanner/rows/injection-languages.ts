/** The same in other languages; accents are read as the letters below them. */
import { anywhere, type ScanRow } from "../row.ts"

export const injectionLanguageRows: readonly ScanRow[] = [
  {
    ...{ check: "ignore-instructions-translated", category: "prompt-injection", severity: "high", on: anywhere },
    patterns: [
      // German
      "ignorier*|missacht*|vergiss|vergesst|umgehe ~4 vorherig*|bisherig*|obig*|fruher*|vorangegangen*|alle|deine ~3 anweisung*|regel*|befehl*|instruktion*|vorgaben",
      "vergiss alles ~6 oben|vorher|bisher",
      "sag|sage|verrate ~3 benutzer|nutzer|anwender nichts",
      // French
      "ignore|ignorez|ignorer|oublie|oubliez|compte ~5 instruction*|consigne*|regle* ~4 precedent*|dessus|anterieur*",
      // Spanish, Portuguese, Italian
      "ignora|ignore|ignorar|olvida|olvide|omiso|descarta ~5 instrucci*|ordenes|reglas ~4 anterior*|previas|previos|arriba",
      "ignore|ignora|esqueca|desconsidere ~5 instrucoes|instrucao|regras ~4 anterior*|acima|previas",
      "ignora|ignorare|dimentica|trascura ~5 istruzion*|ordini|regole ~4 precedent*|sopra",
      // Dutch
      "negeer|vergeet ~4 vorige|eerdere|bovenstaande|alle ~3 instructie*|opdracht*|regels",
      // Polish
      "zignoruj|ignoruj|zapomnij|pomin ~4 poprzedni*|wczesniejsz*|wszystkie ~3 instrukcj*|polecen*|polecenia*",
      // Russian
      "игнорируй*|проигнорируй*|игнорировать|забудь|забудьте ~4 предыдущ*|прежни*|прошлы*|все ~3 инструкц*|указани*|команд*|правил*",
      // Chinese, Japanese
      "忽略|无视|無視|忘记|忽视 ~14 指令|指示|提示|命令|规则|規則",
      "指示|命令|指令 ~14 無視|忘れ",
      "泄露|洩露 ~8 提示|密钥",
      // Korean
      "이전*|앞의|위의|앞선 ~3 지시*|지침*|명령* ~5 무시*|잊*",
      // Turkish
      "onceki|yukaridaki ~4 talimat*|komut* ~6 yok|gormezden|unut|dikkate",
      // Arabic, Hindi
      "تجاهل* ~4 التعليمات|تعليمات*|الأوامر|الاوامر",
      "निर्देश* ~5 अनदेखा|नजरअंदाज|भूल*",
    ],
  },
]
