/** What `setup` asks, in the order in which it asks it. */
import type { Question } from "./question.ts"
import { anchoring } from "./questions/anchoring.ts"
import { budget, redaction, retention } from "./questions/keeping.ts"
import { key, places } from "./questions/key.ts"
import { allow, conversations, recaps } from "./questions/permissions.ts"
import { webhook } from "./questions/webhook.ts"

export const questions: readonly Question[] = [places, allow, conversations, recaps, key, retention, redaction, webhook, budget, anchoring]
