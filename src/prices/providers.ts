/**
 * The host's provider ids whose models the library has rates for, and what the library calls them.
 * Nothing else is matched: a custom provider that serves `gpt-5` is not OpenAI, and sign-ins by subscription are not billed by the token.
 */
export const libraryProviders: Readonly<Record<string, string>> = {
  "amazon-bedrock": "aws",
  "anthropic": "anthropic",
  "arcee": "arcee",
  "baseten": "baseten",
  "cerebras": "cerebras",
  "cohere": "cohere",
  "deepseek": "deepseek",
  "fireworks": "fireworks",
  "google": "google",
  "google-vertex": "google",
  "groq": "groq",
  "minimax": "minimax",
  "mistral": "mistral",
  "moonshot": "moonshotai",
  "novita": "novita",
  "openai": "openai",
  "openrouter": "openrouter",
  "together": "together",
  "xai": "x-ai",
  "zai": "zai",
}
