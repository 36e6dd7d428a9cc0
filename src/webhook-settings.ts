/** The settings of web hooks that stand by themselves: one for what matters, one for reports. */
import type { SettingRow } from "./setting-row.ts"

export const webhookSettings = [
  {
    name: "notificationWebhook",
    type: "webhook",
    default: undefined,
    words: "One more web hook that is told, by its URL alone; as a text or a secret reference of the host. Which shape it takes follows from its host.",
  },
  {
    name: "reportWebhook",
    type: "webhook",
    default: undefined,
    words:
      "The web hook that is told of every day and every week when it is over, by its URL; as a text or a secret reference of the host (docs/guides/reports.md). Default: nobody.",
  },
  {
    name: "reportWebhookSecret",
    type: "webhookSecret",
    default: undefined,
    words: "Signs what reportWebhook is sent (docs/spec/alerts.md); a secret reference of the host, or a text.",
  },
  {
    name: "webhookAllowPrivateHost",
    type: "boolean",
    default: false,
    words: "Let notificationWebhook and reportWebhook be on this machine or in a private network, and be spoken to without TLS on this machine.",
  },
] as const satisfies readonly SettingRow[]
