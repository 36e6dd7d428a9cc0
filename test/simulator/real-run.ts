/** Schedules on writers that are processes, with their files, several beside each other: most of each is waiting. */
import { RealMachine } from "./real-writer.ts"
import { endOf, runSchedule, type Outcome } from "./schedule.ts"

const beside = 10

export async function realSchedules(
  { from, schedules }: { readonly from: number; readonly schedules: number },
  say: (words: string) => void = () => {},
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  let next = from
  const lane = async () => {
    while (next < from + schedules) {
      outcomes.push(await onProcess(next++))
      say(`${outcomes.length} of ${schedules} schedules`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(beside, schedules) }, lane))
  return outcomes
}

async function onProcess(seed: number): Promise<Outcome> {
  const machine = new RealMachine()
  try {
    return await runSchedule(seed, machine)
  } catch (error) {
    throw error instanceof Error ? new Error(`${endOf(error.message)}\n${(error.cause as Error | undefined)?.stack}`) : error
  } finally {
    await machine.end()
  }
}
