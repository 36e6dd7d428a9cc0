/** Every hook and subscription that is captured: add a row here and it is registered, mapped and tested. */
import type { HookRow } from "./hook-row.ts"
import { gatewayStart, gatewayStop } from "./hooks/gateway.ts"
import { messageReceived, messageSending, messageSent } from "./hooks/message.ts"
import { modelCallEnded, modelCallStarted } from "./hooks/model-call.ts"
import { llmInput, llmOutput } from "./hooks/prompt.ts"
import { agentEnd, beforeAgentRun } from "./hooks/run.ts"
import { sessionEnd, sessionStart } from "./hooks/session.ts"
import { subagentEnded, subagentSpawned } from "./hooks/subagent.ts"
import { afterToolCall, beforeToolCall } from "./hooks/tool-call.ts"
import { transcript } from "./hooks/transcript.ts"

export const hookRows: readonly HookRow[] = [
  beforeAgentRun,
  agentEnd,
  llmInput,
  llmOutput,
  modelCallStarted,
  modelCallEnded,
  beforeToolCall,
  afterToolCall,
  messageReceived,
  messageSending,
  messageSent,
  sessionStart,
  sessionEnd,
  subagentSpawned,
  subagentEnded,
  gatewayStart,
  gatewayStop,
  transcript,
]
