/**
 * Every hook and subscription that is captured: add a row here and it is registered, mapped and tested.
 * In the order of a turn, as the host calls them.
 */
import type { HookRow } from "./hook-row.ts"
import { approvalResolved } from "./hooks/approval.ts"
import { agentEvent } from "./hooks/agent-event.ts"
import { afterCompaction, beforeCompaction } from "./hooks/compaction.ts"
import { cronChanged, cronReconciled } from "./hooks/cron.ts"
import { diagnostic } from "./hooks/diagnostic.ts"
import { resolveExecEnv } from "./hooks/exec-env.ts"
import { gatewayStart, gatewayStop } from "./hooks/gateway.ts"
import { beforeDispatch, channelPairingRequested, inboundClaim } from "./hooks/inbound.ts"
import { beforeInstall } from "./hooks/install.ts"
import { messageReceived, messageSending, messageSent } from "./hooks/message.ts"
import { modelCallEnded, modelCallStarted } from "./hooks/model-call.ts"
import { alertTold, callStopped, callTold, extensionAnswered, gatewaySignal, guardDisabled, hookUnavailable, orchestration } from "./hooks/own.ts"
import { llmInput, llmOutput } from "./hooks/prompt.ts"
import { quota } from "./hooks/quota.ts"
import { replyDispatch, replyPayloadSending } from "./hooks/reply.ts"
import { agentEnd, beforeAgentRun } from "./hooks/run.ts"
import { beforeReset, sessionEnd, sessionStart } from "./hooks/session.ts"
import { skillChanged, skillProposalChanged, skillProposalEvaluate } from "./hooks/skill.ts"
import { subagentDeliveryTarget, subagentEnded, subagentProgress, subagentSpawned } from "./hooks/subagent.ts"
import { afterToolCall, beforeToolCall } from "./hooks/tool-call.ts"
import { transcript } from "./hooks/transcript.ts"
import { agentTurnPrepare, beforeAgentFinalize, beforeAgentReply, beforeModelResolve, beforePromptBuild, heartbeatPromptContribution } from "./hooks/turn.ts"
import { beforeMessageWrite, toolResultPersist } from "./hooks/written.ts"

export const hookRows: readonly HookRow[] = [
  gatewayStart,
  gatewayStop,
  sessionStart,
  sessionEnd,
  beforeReset,
  beforeCompaction,
  afterCompaction,
  messageReceived,
  inboundClaim,
  channelPairingRequested,
  beforeDispatch,
  replyDispatch,
  beforeAgentReply,
  beforeModelResolve,
  agentTurnPrepare,
  beforePromptBuild,
  heartbeatPromptContribution,
  beforeAgentRun,
  llmInput,
  modelCallStarted,
  modelCallEnded,
  beforeToolCall,
  resolveExecEnv,
  afterToolCall,
  toolResultPersist,
  beforeMessageWrite,
  beforeAgentFinalize,
  agentEnd,
  llmOutput,
  replyPayloadSending,
  messageSending,
  messageSent,
  subagentSpawned,
  subagentProgress,
  subagentDeliveryTarget,
  subagentEnded,
  cronReconciled,
  cronChanged,
  skillChanged,
  skillProposalEvaluate,
  skillProposalChanged,
  beforeInstall,
  transcript,
  diagnostic,
  agentEvent,
  quota,
  hookUnavailable,
  guardDisabled,
  gatewaySignal,
  callStopped,
  callTold,
  extensionAnswered,
  orchestration,
  alertTold,
  approvalResolved,
]
