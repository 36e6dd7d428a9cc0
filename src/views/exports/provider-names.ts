/**
 * What others call a provider of models. `otel`: the well-known values of `gen_ai.provider.name`
 * (https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/); who is not in the list is called what the host calls it.
 */
type Named = { readonly name: string; readonly otel: string }

const named: Readonly<Record<string, Named>> = {
  anthropic: { name: "Anthropic", otel: "anthropic" },
  "claude-cli": { name: "Anthropic", otel: "anthropic" },
  openai: { name: "OpenAI", otel: "openai" },
  "openai-codex": { name: "OpenAI", otel: "openai" },
  google: { name: "Google", otel: "gcp.gemini" },
  "google-gemini-cli": { name: "Google", otel: "gcp.gemini" },
  "google-vertex": { name: "Google Cloud", otel: "gcp.vertex_ai" },
  "anthropic-vertex": { name: "Google Cloud", otel: "gcp.vertex_ai" },
  "amazon-bedrock": { name: "Amazon Web Services", otel: "aws.bedrock" },
  "azure-openai": { name: "Microsoft Azure", otel: "azure.ai.openai" },
  "azure-openai-responses": { name: "Microsoft Azure", otel: "azure.ai.openai" },
  "microsoft-foundry": { name: "Microsoft Azure", otel: "azure.ai.inference" },
  mistral: { name: "Mistral AI", otel: "mistral_ai" },
  xai: { name: "xAI", otel: "x_ai" },
  groq: { name: "Groq", otel: "groq" },
  deepseek: { name: "DeepSeek", otel: "deepseek" },
  cohere: { name: "Cohere", otel: "cohere" },
  perplexity: { name: "Perplexity", otel: "perplexity" },
  openrouter: { name: "OpenRouter", otel: "openrouter" },
  "github-copilot": { name: "GitHub", otel: "github-copilot" },
  ollama: { name: "Ollama", otel: "ollama" },
}

export function displayName(provider: string): string {
  return named[provider]?.name ?? provider
}

export function otelProvider(provider: string): string {
  return named[provider]?.otel ?? provider
}

/** By how the names of models begin, wherever they are served from. */
const makers: readonly (readonly [pattern: RegExp, maker: string])[] = [
  [/claude/, "Anthropic"],
  [/gpt|^o\d|codex/, "OpenAI"],
  [/gemini|gemma/, "Google"],
  [/llama/, "Meta"],
  [/mistral|mixtral|codestral|devstral/, "Mistral AI"],
  [/grok/, "xAI"],
  [/deepseek/, "DeepSeek"],
  [/qwen/, "Alibaba Cloud"],
  [/command-[ar]/, "Cohere"],
  [/kimi/, "Moonshot AI"],
]

/** Who made a model, as far as its name tells: the provider where it does not. */
export function makerOf(provider: string, model: string): string {
  const own = model.toLowerCase().split("/").at(-1) ?? ""
  return makers.find(([pattern]) => pattern.test(own))?.[1] ?? displayName(provider)
}
