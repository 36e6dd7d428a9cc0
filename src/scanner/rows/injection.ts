/** Text that speaks to a model as if it were its operator. */
import { anywhere, type ScanRow } from "../row.ts"

const high = { category: "prompt-injection", severity: "high", on: anywhere } as const
const before = "previous*|prior|earlier|preceding|above|initial|original|foregoing|your"
const orders = "instruction*|direction|directions|directive*|prompt|prompts|guideline*|programming|command|commands|rules|task|tasks|training"

export const injectionRows: readonly ScanRow[] = [
  {
    ...high,
    check: "ignore-instructions",
    inLine: true,
    patterns: [
      `ignor*|disregard*|forget|override*|neglect ~5 ${before} ~3 ${orders}`,
      `ignor*|disregard*|forget|override* all ~3 ${orders}`,
      `must|should|always ~3 ignore ~3 rules|instruction*`,
      "ignor* ~3 user ~3 request*|instruction*|setting*|security|order*",
      "forget|ignore|disregard ~2 everything|all ~5 above|before|said",
      "previous|prior|earlier instruction* ~4 not ~2 exist|apply|count|valid",
    ],
  },
  {
    ...high,
    check: "new-instructions",
    patterns: [
      "new instructions COLON|follow",
      "new system prompt COLON|is",
      "is ~2 new system prompt",
      "your new task|objective|goal|role|instructions is|are|COLON",
      "your ~2 instructions ~3 updated|replaced|changed",
      "system override",
      "now in maintenance|developer|admin|debug|god|root mode",
      "follow|obey|befolge ~2 only ~2 my|these|this",
      "not follow ~3 user ~3 instruction*",
      "bypass ~3 approval|safety|security ~3 step|filter*|check*|policy|prompt",
    ],
  },
  {
    ...high,
    check: "hide-from-user",
    inLine: true,
    patterns: [
      "not|never|without ~2 tell|telling|inform*|mention*|reveal*|notify*|alert* ~6 user|human",
      "hide ~5 from ~2 user|human|owner",
      "following ~6 without asking",
      "never ask ~3 user ~4 approval|permission|confirmation",
      "approve ~2 every|all|any ~4 without",
      "silently ~3 call|send|read|upload|execute|run|forward|copy",
    ],
  },
  {
    ...high,
    check: "address-model",
    inLine: true,
    patterns: [
      "if you are an ai|llm|assistant|language|agent",
      "note to ~2 llm*|ai|assistant*|language|agents",
      "attention ~2 ai|llm*|agent|agents|assistants",
      "ai agent|agents|assistant COLON ~3 ignore|you|do|your|must",
      "when ~2 ai|assistant|llm|model|agent ~2 reads|sees|processes|summari*",
      "hidden ~4 for ~2 language|llm*|ai",
      "exfiltrate ~5 key*|password*|secret*|credential*|data|token*",
      "must|should|now|instead|also ~3 send|upload|forward|email|leak ~8 key|keys|password*|secret*|credential*|token*|.ssh|id_rsa",
      "send|upload|forward|email ~6 .ssh|id_rsa|.aws|.env",
      "upload|send|forward ~2 user ~8 http|https",
    ],
  },
  {
    ...high,
    check: "false-markup",
    patterns: [
      "LT PIPE im_start|im_end|system|endoftext|assistant|end",
      "LBRACKET inst RBRACKET",
      "LT LT sys GT",
      "LT SLASH tool_result|tool_response|function_results|system GT LT",
      "LT system GT ~24 you|instruction*|must|ignore|new",
      "LT instructions|important GT ~6 do|ignore|you|not",
      "LBRACKET system RBRACKET ~4 you|new|ignore|override|LP",
      "human COLON ~24 assistant COLON",
      "BANG LBRACKET ~8 http|https ~24 EQ LBRACE",
      "BANG LBRACKET ~60 conversation|chat history",
      "chat|conversation history ~5 url|link|image",
    ],
  },
  {
    ...{ ...high, severity: "medium", check: "ask-for-prompt" },
    inLine: true,
    patterns: [
      "your system|hidden|initial|original|secret prompt|instruction*|message",
      "reveal|print|show|output|display|leak ~2 the|your system|hidden|initial prompt",
      "show me the system|hidden prompt",
      "repeat|print|output ~3 everything|text|words|all ~3 above",
      "instructions you were given",
    ],
  },
]
