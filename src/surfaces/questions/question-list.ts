/** Every question, and which of them a path below the API's root is. */
import type { AskedQuestion } from "./answer.ts"
import { anomaliesQuestion } from "./anomalies.ts"
import { checkpointsQuestion } from "./checkpoints.ts"
import { cronReportQuestion } from "./cron-report.ts"
import { eventsListQuestion, eventsShowQuestion } from "./events.ts"
import { inventoryQuestion } from "./inventory.ts"
import { chainQuestion, treesQuestion } from "./map.ts"
import { dailyReport, weeklyReport } from "./period-reports.ts"
import { alertsLogQuestion, alertsStatusQuestion } from "./alerts.ts"
import { breakersQuestion } from "./breakers.ts"
import { budgetsQuestion, forecastQuestion } from "./budgets.ts"
import { gateLogQuestion, gateStatusQuestion } from "./gate.ts"
import { orchestratorLogQuestion, orchestratorStatusQuestion } from "./orchestrator.ts"
import { receiptsListQuestion, receiptsShowQuestion } from "./receipts.ts"
import type { Question } from "./question.ts"
import { sessionReportQuestion } from "./session-report.ts"
import { settingsQuestion } from "./settings.ts"
import { spendQuestion, usageQuestion } from "./spend.ts"
import { statusQuestion } from "./status.ts"

export const questions: readonly Question[] = [
  statusQuestion,
  eventsListQuestion,
  eventsShowQuestion,
  spendQuestion,
  usageQuestion,
  dailyReport,
  weeklyReport,
  cronReportQuestion,
  sessionReportQuestion,
  budgetsQuestion,
  forecastQuestion,
  alertsLogQuestion,
  alertsStatusQuestion,
  gateStatusQuestion,
  gateLogQuestion,
  orchestratorStatusQuestion,
  orchestratorLogQuestion,
  receiptsListQuestion,
  receiptsShowQuestion,
  breakersQuestion,
  inventoryQuestion,
  anomaliesQuestion,
  settingsQuestion,
  checkpointsQuestion,
  treesQuestion,
  chainQuestion,
]

/** Undefined where there is none. The path is as it was sent: a segment of it that is an argument is decoded here. */
export function questionAt(path: string, parameters: URLSearchParams): AskedQuestion | undefined {
  const found = questions.flatMap((question) => {
    const argument = argumentIn(question.route.split("/"), path.split("/"))
    return argument === undefined ? [] : [{ question, argument }]
  })
  // Of several with one route, the one that is chosen; else the first, which says what there is to choose from.
  return found.find(({ question }) => isChosen(question, parameters)) ?? found[0]
}

/** Undefined where the path is another one's; empty where there is none. */
function argumentIn(route: readonly string[], path: readonly string[]): string | undefined {
  if (route.length !== path.length) return undefined
  let argument = ""
  for (const [at, segment] of route.entries()) {
    const told = path[at] ?? ""
    if (!segment.startsWith(":")) {
      if (segment !== told) return undefined
      continue
    }
    const decoded = decodedSegment(told)
    if (decoded === undefined || decoded === "") return undefined
    argument = decoded
  }
  return argument
}

function decodedSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined // bytes that are no text name nothing
  }
}

function isChosen({ chosenBy }: Question, parameters: URLSearchParams): boolean {
  if (!chosenBy) return true
  const told = parameters.get(chosenBy.name)
  return told === null ? chosenBy.isDefault === true : told === chosenBy.value
}
