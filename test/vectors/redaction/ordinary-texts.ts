/** Names that come near to those of secrets, and texts that speak of secrets without holding one. */
import type { Json } from "../../../src/base/json.ts"

// oxfmt-ignore: a list
export const nearNames: readonly Json[] = [
  { author: "Ada Lovelace" }, { authors: ["Ada", "Grace"] }, { authority: "example.net" }, { coauthor: "Grace" }, { authored_at: "2026-11-20" },
  { authenticated: true }, { authenticated: "yes" }, { isAuthenticated: false }, { authorized: true }, { oauthProvider: "github" }, { authProvider: "google" },
  { authMode: "token" }, { auth: "none" }, { auth: "oauth" }, { auth: { mode: "token", enabled: true } }, { auth_uri: "https://accounts.example.net/o/oauth2/auth" },
  { token_uri: "https://oauth2.example.net/token" }, { tokenEndpoint: "https://login.example.net/oauth/token" }, { requireAuth: "true" }, { authType: "bearer" },
  { max_tokens: 4096 }, { maxTokens: 128_000 }, { max_tokens: "4096" }, { inputTokens: 1203 }, { output_tokens: 88 }, { token_count: 12 }, { tokenCount: "12" },
  { tokens: 5123 }, { tokens: ["The", "quick", "fox"] }, { tokens: { input: 12, output: 88 } }, { totalTokens: 9_000_000 }, { tokensPerSecond: 41.5 },
  { tokenizer: "cl100k_base" }, { tokenization: "bpe" }, { eos_token: "</s>" }, { pad_token: "<pad>" }, { tokenLimit: 200_000 }, { contextTokens: "unlimited" },
  { nextPageToken: "CAUQAA" }, { page_token: "eyJvZmZzZXQiOjUwfQ" }, { continuationToken: "MTAwMDA=" }, { syncToken: "CPDAlvWDx70CEPDAlvWDx70CGAU=" },
  { tokenType: "Bearer" }, { token_type: "bearer" }, { tokenAddress: "0xdAC17F958D2ee523a2206206994597C13D831ec7" }, { tokenSymbol: "USDC" },
  { keyboard: "qwertz" }, { monkey: "capuchin" }, { publicKey: "BGtkbcjrO12YMoDuq2sCQeHlu47uPx3SHTgFKZFYiBW8" }, { primaryKey: "id" }, { foreignKey: "user_id" },
  { key: "Enter" }, { keys: ["a", "b"] }, { keyId: "0f1e2d3c4b5a" }, { accessKeyId: "main-reader" }, { apiKeyId: "k_12" }, { apiKeyName: "reader" },
  { partitionKey: "tenant#42" }, { rowKey: "2026-11-20#0001" }, { sortKey: "name" }, { cacheKey: "users:42:v3" }, { storageKeyPrefix: "app/" },
  { cookieBanner: "accepted" }, { cookieConsent: true }, { cookies: true }, { cookiePolicy: "https://www.example.net/cookies" }, { cookieJar: "./jar.txt" },
  { passwordLength: 12 }, { password_changed_at: "2026-01-01T00:00:00Z" }, { passwordRequired: true }, { hasPassword: "yes" }, { passwordStrength: "good" },
  { password: null }, { password: true }, { password: "" }, { password: "********" }, { password: "<password>" }, { password: "${DB_PASSWORD}" },
  { token: "" }, { token: null }, { apiKey: "YOUR_API_KEY" }, { apiKey: "$OPENAI_API_KEY" }, { api_key: "{{ secrets.key }}" }, { secret: false },
  { secretName: "db-credentials" }, { secretArn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db" }, { secretKeyRef: { name: "db", key: "password" } },
  { secretary: "Joan" }, { secretion: "gland" }, { credentialsFile: "/etc/site/credentials.json" }, { credentialType: "password" }, { credentials: "include" },
  { credentials: "same-origin" }, { bypass: "cache" }, { compass: "north" }, { passed: 12 }, { passes: true }, { pass: true }, { passenger: "Bob" },
  { bearing: 271.5 }, { bearer: "" }, { jwtIssuer: "https://login.example.net/" }, { jwtAlgorithm: "RS256" }, { mnemonicLength: 12 }, { privateKeyPath: "/etc/ssl/site" },
  { properties: { password: { type: "string", description: "The user's password", minLength: 8 }, token: { type: "string" } }, required: ["password", "token"] },
  { required: ["user", "password"] }, { fields: ["email", "password", "otp"] }, { labels: { password: "Password", apiKey: "API key", token: "Token" } },
  { env: ["DB_PASSWORD", "API_KEY", "HOME"] }, { scopes: ["read:token", "write:secret"] }, { grant_type: "password" }, { flow: "client_credentials" },
  { response_type: "token" }, { column: "password_hash" }, { trigger: "user", authChannel: "telegram" }, { design: { colorToken: "blue-500" } },
  { name: "max_tokens", value: "4096" }, { name: "author", value: "Ada Lovelace 2026" }, { cancelToken: "upload-12" }, { csrfHeader: "X-CSRF-Token" },
  { args: ["--max-tokens", "4096", "--author", "Ada"] }, { args: ["run", "--user", "1000:1000", "-p", "8080:80"] }, { pair: ["password", "email"] },
]

// oxfmt-ignore: a list
export const prose: readonly string[] = [
  "Please reset your password before Friday.", "The password is required and must have at least 8 characters.", "Your token is invalid or expired.",
  "I forgot my password again, can you send me a link?", "Passwords are hashed with bcrypt before they are stored.", "The API key is missing.",
  "An access token is a string that a client uses to make requests.", "The secret of good bread is time.", "Keep it secret: nobody should know about the party.",
  "Use basic authentication for the staging server.", "Bearer tokens are sent in the Authorization header.", "Author: Ada Lovelace, 1843",
  "The authority on this subject is the committee.", "Set max_tokens: 4096 and temperature: 0.2 for the model.", "The run used 12,345 tokens: 12,000 input and 345 output.",
  "Token: the smallest unit of text a model reads.", "Cookies: we use them to remember your language.", "Meet at 12:30, room B: bring the keys.",
  "Das Passwort ist abgelaufen, bitte ändere es.", "Das Passwort muss mindestens zwölf Zeichen lang sein.", "Der Schlüssel liegt unter der Matte.",
  "Le mot de passe est obligatoire.", "La clé est sous le paillasson, à droite de la porte.", "La contraseña no es válida.", "El token ha caducado.",
  "パスワードを入力してください。", "トークンの有効期限が切れました。", "请输入密码。", "密码不正确，请重试。", "비밀번호를 입력하세요.", "Пароль должен содержать не менее 8 символов.",
  "Токен недействителен.", "أدخل كلمة المرور", "Şifre gerekli.", "Hasło jest wymagane.", "Wachtwoord vergeten?", "A senha deve ter pelo menos 8 caracteres.",
  "Call me on +49 151 23456789 or write to bob@mail.example.net.", "The invoice 2026-000123 over 1,234.56 EUR is due on 2026-12-01.",
  "See https://www.example.net/docs/auth#tokens for how tokens work.", "Connect to postgres://localhost:5432/shop or mysql://db/shop.",
  "The server listens on http://localhost:8080/path@1.0 and http://[::1]:9000/.", "Clone git@git.example.net:team/site.git or ssh://git@git.example.net/team/site.git.",
  "Run docker run -u 1000:1000 -p 8080:80 site:2 and open the page.", "Use -p for the port, -u for the user.", "Pass --token to log in, or --password if you must.",
  "It is a task-force-of-many-hands approach, a disk-based risk-averse one.", "Commit 9fceb02d0ae598e95dc970b74767f19372d61af8 fixes it.",
  "UUID 123e4567-e89b-12d3-a456-426614174000 was not found.", "The mnemonic for the rainbow is Roy G. Biv.", "We spoke about the private key infrastructure and public key pins.",
  "the cat and the dog went home and then they had some food and some sleep until the next day came along with more of the same",
  "version 1.2.3-beta.4+build.20261120 was released", "ratio 16:9, scale 1:25000, score 3:2", "Subject: Re: auth flow; From: bob; To: ada",
  "if you enable auth: choose none, basic or oauth", "The auth: section explains who may log in.", "cookie: a small cake", "Secret Santa: names are drawn on Monday",
]

// oxfmt-ignore: a list
export const codeTexts: readonly string[] = [
  "const token = await getToken(user)", "password: string;", "token?: string | undefined", "let apiKey: string = process.env.OPENAI_API_KEY ?? ''",
  "const password = req.body.password", "this.token = token;", "if (password === confirmPassword) return true", "def login(user: str, password: str) -> Token:",
  "self.password = password", "export const maxTokens = 4096", "api_key = os.environ[\"OPENAI_API_KEY\"]", "token = os.getenv('TOKEN')", "secrets: inherit",
  "password: ${{ secrets.DB_PASSWORD }}", "DB_PASSWORD=${DB_PASSWORD}", "export TOKEN=$(cat /run/secrets/token)", "password: \"{{ vault_password }}\"",
  "function authHeader(token) { return `Bearer ${token}` }", "headers: { Authorization: `Bearer ${token}` }", "curl -H \"Authorization: Bearer $TOKEN\" https://api.example.net",
  "curl -u \"$USER:$PASS\" https://api.example.net", "mysql -u root -p shop < dump.sql", "const cookies = parseCookies(req.headers.cookie)", "document.cookie",
  "type Credentials = { user: string; password: string }", "case Token.Identifier: return this.parse(token)", "while ((token = lexer.next()) !== null) tokens.push(token)",
  "std::string password;", "Password::Reset(user)", "private readonly secret: Uint8Array", "return auth.currentUser", "tokens: number[] = []", "token: Token,",
  "!function(e,t){\"object\"==typeof exports?t(exports):t(e.a={})}(this,function(e){var t=function(e){return e.token||e.key};e.b=t});",
  "var a=b.c(d),e=f[g],h=i?j:k;l.m=n=>o.p(n,q);r.s={t:u,v:w,x:y,z:0}", "i18n.t('password'): 'Password'", "passwordInput: 'Enter your password',",
  "errors: { token: 'Token is required', password: 'Password is too short' }", "<label for=\"password\">Password</label><input type=\"password\" id=\"password\">",
  "CREATE TABLE users (id int, password varchar(60), token text)", "SELECT token, password FROM users WHERE id = $1", "@app.route('/token', methods=['POST'])",
  "logger.info('token refreshed', { tokenId, expiresIn: 3600 })", "expect(screen.getByLabelText('Password')).toBeVisible()", "npm config set auth-type legacy",
  "ssh-keygen -t ed25519 -C bob@laptop", "git commit --author 'Ada <ada@mail.example.net>' -m 'tokens: count them'", "./run --max-tokens 4096 --auth-type oauth",
  "key: value", "author: Ada", "token_budget: 20000", "PASSWORD_MIN_LENGTH=12", "TOKEN_TTL=3600", "AUTH_ENABLED=true", "COOKIE_DOMAIN=example.net", "AUTHOR=Ada",
  "SECRET_NAME=db-credentials", "API_KEY_HEADER=X-Api-Key", "JWT_EXPIRES_IN=7d", "SESSION_COOKIE_NAME=sid", "token = ''", "api_key: null", "secret: <from-vault>",
  "const sk = disk.slice(0, 20), task = ask(mask)", "import { sk_circle_fade_dot_loading_spinner_small } from './spin'", ".sk-circle-fade-dot .sk-circle-dot-inner{opacity:.3}",
]

// oxfmt-ignore: a list
export const toolTexts: readonly string[] = [
  "total 24\ndrwxr-xr-x 4 bob staff  128 Nov 20 14:02 .\n-rw-r--r-- 1 bob staff 1203 Nov 20 14:02 token.ts\n-rw-r--r-- 1 bob staff  803 Nov 20 14:02 password-input.tsx",
  "src/auth/token.ts\nsrc/auth/password.ts\nsrc/cookies/jar.ts\ntest/auth/token.test.ts", "Error: token expected\n    at parse (file:///srv/site/parse.js:31:11)\n    at main (file:///srv/site/main.js:4:1)",
  "TypeError: Cannot read properties of undefined (reading 'token')\n    at Object.<anonymous> (/srv/site/auth.js:12:7)", "{\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":8,\"total_tokens\":20}}",
  "{\"id\":\"chatcmpl-AbC123dEf456\",\"model\":\"m-4\",\"usage\":{\"max_tokens\":4096}}", "{\"author\":{\"login\":\"ada\",\"id\":42},\"sha\":\"9fceb02d0ae598e95dc970b74767f19372d61af8\"}",
  "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"2026-01\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi\",\"e\":\"AQAB\"}]}",
  "PASS test/auth/token.test.ts (12 tests)\nPASS test/auth/password.test.ts (3 tests)", "diff --git a/token.ts b/token.ts\nindex 83db48f..bf269f4 100644\n--- a/token.ts\n+++ b/token.ts\n-const token = a\n+const token = b",
  "CONTAINER ID   IMAGE    STATUS\n3f4e5d6c7b8a   site:2   Up 2 hours", "Digest: sha256:9b871512327c09ce91dd649b3f96a63b7408ef267c8cc5710114e629730cb61f\nStatus: Downloaded newer image", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"api\"\r\nContent-Length: 0",
  "NAME          TYPE     DATA   AGE\ndb-password   Opaque   1      12d\napi-token     Opaque   1      3d", "Filesystem  Size Used Avail\n/dev/sda1   40G  21G  17G", "1,234,567 tokens in 42 requests, 0 errors",
]
