/** Every command that reads or sets up a ledger, in the order help shows them. */
import type { CommandRow } from "./command.ts"
import { accounts, allocate, balance, freeze, setCredential, spend, unfreeze } from "./commands/account.ts"
import { alertsTest } from "./commands/alerts.ts"
import { allowanceList, allowanceRemove, allowanceSet } from "./commands/allowance.ts"
import { backupCheck } from "./commands/backup-check.ts"
import { backupCreate } from "./commands/backup-create.ts"
import { backupList } from "./commands/backup-list.ts"
import { backupRestore } from "./commands/backup-restore.ts"
import { breakerReset } from "./commands/breaker.ts"
import { budgetRemove, budgetSet, budgetShow } from "./commands/budget.ts"
import { budgetSimulate } from "./commands/budget-simulate.ts"
import { budgetTest } from "./commands/budget-test.ts"
import { capProofCommand } from "./commands/cap-proof.ts"
import { checkpointExport, checkpointShow } from "./commands/checkpoint.ts"
import { clock, clockAccept } from "./commands/clock.ts"
import { collect } from "./commands/collect.ts"
import { completeness } from "./commands/completeness.ts"
import { doctor } from "./commands/doctor.ts"
import { drill } from "./commands/drill.ts"
import { eventsFollow, eventsList, eventsShow } from "./commands/events.ts"
import { budgetApprove, budgetDeny, budgetExtensions } from "./commands/extension.ts"
import { exportCsv, exportEntries, exportJson } from "./commands/export.ts"
import { exportFocus, exportNdjson, exportOtel } from "./commands/export-calls.ts"
import { exportCsvFiles } from "./commands/export-csv.ts"
import { exportOcsf } from "./commands/export-ocsf.ts"
import { fsck } from "./commands/fsck.ts"
import { importCommand } from "./commands/import.ts"
import { keyBackup, keyCreate, keyRestore, keyStatus } from "./commands/key.ts"
import { keyHandOver } from "./commands/key-hand-over.ts"
import { look } from "./commands/look.ts"
import { mcp } from "./commands/mcp.ts"
import { metricsCommand } from "./commands/metrics.ts"
import { quotasCommand } from "./commands/quotas.ts"
import { pruneCommand } from "./commands/prune.ts"
import { prove } from "./commands/prove.ts"
import { receiptsKeys } from "./commands/receipts-keys.ts"
import { receiptsExport } from "./commands/receipts-export.ts"
import { orchestratorPrompt } from "./commands/orchestrator.ts"
import { gateArm, gateDisarm } from "./commands/gate.ts"
import { receiptsCarry } from "./commands/receipts-carry.ts"
import { receiptsRevoke } from "./commands/receipts-revoke.ts"
import { receiptsVerify } from "./commands/receipts-verify.ts"
import { reconcileCommand } from "./commands/reconcile.ts"
import { redactionCheck, redactionSaltCommand } from "./commands/redaction.ts"
import { uninstall } from "./commands/uninstall.ts"
import { usageCommand } from "./commands/spend.ts"
import { exportSqliteCommand, sqlCommand } from "./commands/sql.ts"
import { statementCommand } from "./commands/statement.ts"
import { smtProof, smtRoot, smtVerify } from "./commands/smt.ts"
import { setup } from "./commands/setup.ts"
import { transfersCommand } from "./commands/transfers.ts"
import { scanCommand } from "./commands/scan.ts"
import { serve } from "./commands/serve.ts"
import { ui } from "./commands/ui.ts"
import { tokenAuditPrompt, tokenAuditShow, tokenAuditTail } from "./commands/token-audit.ts"
import { eraseCommand } from "./commands/erase.ts"
import { legalHoldLift, legalHoldList, legalHoldPlace } from "./commands/legal-hold.ts"
import { vaultRekey } from "./commands/vault-rekey.ts"
import { vaultRotate } from "./commands/vault-rotate.ts"
import { vaultCheckCommand, vaultStatusCommand } from "./commands/vault-status.ts"
import { vaultSeal } from "./commands/vault-seal.ts"
import { vaultUnseal } from "./commands/vault-unseal.ts"
import { verifierCommand } from "./commands/verifier.ts"
import { verify } from "./commands/verify.ts"
import { watch } from "./commands/watch.ts"
import { anchorsCheck, anchorsExport, anchorsList } from "./commands/anchors.ts"
import { witnessCheck } from "./commands/witness-check.ts"
import { witnessAdd, witnessList } from "./commands/witness-logs.ts"
import { witnessServe } from "./commands/witness-serve.ts"
import { checkpointsQuestion } from "../questions/checkpoints.ts"
import { chainQuestion, treesQuestion } from "../questions/map.ts"
import { cronReportQuestion } from "../questions/cron-report.ts"
import { dailyReport, weeklyReport } from "../questions/period-reports.ts"
import { inventoryQuestion } from "../questions/inventory.ts"
import { anomaliesQuestion } from "../questions/anomalies.ts"
import { sessionReportQuestion } from "../questions/session-report.ts"
import { alertsLogQuestion, alertsStatusQuestion } from "../questions/alerts.ts"
import { breakersQuestion } from "../questions/breakers.ts"
import { budgetsQuestion, forecastQuestion } from "../questions/budgets.ts"
import { gateLogQuestion, gateStatusQuestion } from "../questions/gate.ts"
import { orchestratorLogQuestion, orchestratorStatusQuestion } from "../questions/orchestrator.ts"
import { receiptsListQuestion, receiptsShowQuestion } from "../questions/receipts.ts"
import { settingsQuestion } from "../questions/settings.ts"
import { statusQuestion } from "../questions/status.ts"
import { commandOf } from "./question-command.ts"

export const commands: readonly CommandRow[] = [
  commandOf(statusQuestion),
  setup,
  watch,
  doctor,
  uninstall,
  eventsList,
  eventsShow,
  eventsFollow,
  { ...eventsList, path: "list", summary: "The same as events list" },
  look,
  importCommand,
  collect,
  spend,
  usageCommand,
  commandOf(dailyReport),
  commandOf(weeklyReport),
  commandOf(cronReportQuestion),
  commandOf(sessionReportQuestion),
  commandOf(inventoryQuestion),
  commandOf(anomaliesQuestion),
  { ...commandOf(anomaliesQuestion), path: "report anomalies", summary: "The same as anomalies" },
  quotasCommand,
  tokenAuditShow,
  tokenAuditTail,
  tokenAuditPrompt,
  budgetSet,
  commandOf(budgetsQuestion),
  budgetShow,
  commandOf(forecastQuestion),
  budgetRemove,
  budgetTest,
  budgetApprove,
  budgetDeny,
  budgetExtensions,
  budgetSimulate,
  balance,
  accounts,
  transfersCommand,
  allocate,
  allowanceSet,
  allowanceList,
  allowanceRemove,
  commandOf(breakersQuestion),
  breakerReset,
  freeze,
  unfreeze,
  clock,
  clockAccept,
  setCredential,
  verify,
  fsck,
  drill,
  scanCommand,
  commandOf(gateStatusQuestion),
  commandOf(gateLogQuestion),
  gateArm,
  gateDisarm,
  commandOf(orchestratorStatusQuestion),
  commandOf(orchestratorLogQuestion),
  orchestratorPrompt,
  commandOf(alertsStatusQuestion),
  commandOf(alertsLogQuestion),
  alertsTest,
  commandOf(receiptsListQuestion),
  commandOf(receiptsShowQuestion),
  receiptsExport,
  receiptsKeys,
  receiptsCarry,
  receiptsRevoke,
  receiptsVerify,
  mcp,
  metricsCommand,
  serve,
  ui,
  commandOf(settingsQuestion),
  verifierCommand,
  prove,
  smtProof,
  smtVerify,
  smtRoot,
  commandOf(treesQuestion),
  commandOf(chainQuestion),
  capProofCommand,
  checkpointShow,
  commandOf(checkpointsQuestion),
  checkpointExport,
  completeness,
  exportEntries,
  exportJson,
  exportCsv,
  exportNdjson,
  exportFocus,
  exportOcsf,
  exportOtel,
  exportSqliteCommand,
  exportCsvFiles,
  sqlCommand,
  reconcileCommand,
  statementCommand,
  keyCreate,
  keyStatus,
  keyHandOver,
  keyBackup,
  keyRestore,
  vaultStatusCommand,
  vaultCheckCommand,
  vaultRotate,
  vaultRekey,
  pruneCommand,
  eraseCommand,
  legalHoldPlace,
  legalHoldList,
  legalHoldLift,
  backupCreate,
  backupList,
  backupCheck,
  backupRestore,
  vaultSeal,
  vaultUnseal,
  redactionCheck,
  redactionSaltCommand,
  anchorsList,
  anchorsCheck,
  anchorsExport,
  witnessCheck,
  witnessServe,
  witnessAdd,
  witnessList,
]

/** What the second words of a command group are about. */
export const groups: Readonly<Record<string, string>> = {
  report: "What happened, at a glance or in order: daily, weekly, cron, session",
  budget: "What may be spent: set, list, show, forecast, remove, test, approve, deny, extensions, simulate",
  allowance: "A quota for an account in every period: set, list, remove",
  breaker: "Loops and silent burn that were cut off: list, reset",
  operator: "Who may loosen: set-credential",
  gate: "Messages to protected recipients: status, log, arm, disarm",
  orchestrator: "Who works for whom: status, log, prompt",
  smt: "The map of event ids, by which something is proven not to be recorded: proof, verify, root, trees, chain",
  checkpoint: "Signed states of the ledger: show, list, export",
  events: "What happened: list, show, follow",
  export: "For other programs: entries (json, which is verifiable, csv, ocsf), model calls (ndjson, focus, otel), everything (sqlite)",
  key: "The keys of the ledger: create, status, hand-over, backup, restore",
  "legal-hold": "Contents that must not be erased: place, list, lift",
  vault: "What the ledger is sealed under, and files sealed under its key or for others: status, check, rotate, rekey, seal, unseal",
  backup: "Copies of the ledger, and putting one back: create, list, check, restore",
  anchors: "Who outside has signed when this ledger was what it is: list, check, export",
  witness: "Who else has seen this ledger, and whose ledgers are seen here: check, serve, add, list",
  redaction: "Texts that a setting hides behind a salted hash: check, salt",
}
