/** Reads everything of a source, and not only its usage: events are made of it. Apart from the readers, because most of what it needs they do not. */
import type { DeepReading } from "../read-source.ts"
import { captured, EventBatcher, eventSinks, type ToEvents } from "./event-sink.ts"

export function deepReading(toEvents: ToEvents): DeepReading {
  return {
    sinks: (source, send) => eventSinks(source, toEvents, send),
    calls: (source, calls, send) => {
      const batch = new EventBatcher()
      for (const call of calls) for (const event of toEvents(captured(call, call.atMs))) batch.add(event)
      const batched = batch.take()
      if (batched) send({ source, ...batched, inherited: false })
    },
  }
}
