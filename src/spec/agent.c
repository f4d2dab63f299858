/* SPDX-License-Identifier: Apache-2.0 */
/* The agents, one row each. Whatever else is special about one stands in a file of its name. */
#include "spec/agent.h"

#include <stddef.h>
#include <string.h>

static const char *const claude_env[] = {
	"ANTHROPIC_*",
	"CLAUDE_CODE_*",
	"DISABLE_TELEMETRY",
	"DISABLE_ERROR_REPORTING",
	"DISABLE_AUTO_COMPACT",
	"DISABLE_BUG_COMMAND",
	"DISABLE_COST_WARNINGS",
	"DISABLE_INTERLEAVED_THINKING",
	"DISABLE_NON_ESSENTIAL_MODEL_CALLS",
	"DISABLE_PROMPT_CACHING*",
	"ENABLE_TOOL_SEARCH",
	"MAX_THINKING_TOKENS",
	"MAX_MCP_OUTPUT_TOKENS",
	"MAX_STRUCTURED_OUTPUT_RETRIES",
	"BASH_DEFAULT_TIMEOUT_MS",
	"BASH_MAX_*",
	"MCP_TIMEOUT",
	"MCP_TOOL_TIMEOUT",
	"API_TIMEOUT_MS",
	"SLASH_COMMAND_TOOL_CHAR_BUDGET",
	"USE_BUILTIN_RIPGREP",
	NULL,
};

/* Descriptors, sockets and places of the host mean nothing inside; nor does being a child of it. */
static const char *const claude_not_env[] = {
	"*_FILE_DESCRIPTOR",   "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SSE_PORT",
	"CLAUDE_CODE_TMPDIR",  "CLAUDE_CODE_SHELL",      "CLAUDE_CODE_EXECPATH",
	"CLAUDE_CODE_REMOTE*", "CLAUDE_CODE_SESSION_*",  NULL,
};

static const char *const claude_secret_env[] = {
	"ANTHROPIC_API_KEY",
	"ANTHROPIC_AUTH_TOKEN",
	"ANTHROPIC_CUSTOM_HEADERS",
	"ANTHROPIC_*_API_KEY",
	"CLAUDE_CODE_OAUTH_*",
	"CLAUDE_CODE_CLIENT_KEY*",
	NULL,
};

/* Its program lies where it did not install it, and cannot be replaced from inside. */
static const char *const claude_set_env[][3] = {
	{ "DISABLE_AUTOUPDATER", "1", "the agent's program is read-only" },
	{ "DISABLE_INSTALLATION_CHECKS", "1", "the agent's program is not where it was installed" },
	{ NULL },
};

/* Its API, and the places where it logs in and renews a login; no telemetry, no updates. */
static const char *const claude_hosts[] = {
	"api.anthropic.com:443",
	"platform.claude.com:443",
	"console.anthropic.com:443",
	"claude.ai:443",
	NULL,
};

static const char *const claude_host_urls[] = {
	"ANTHROPIC_BASE_URL",         "ANTHROPIC_BEDROCK_BASE_URL",   "ANTHROPIC_VERTEX_BASE_URL",
	"ANTHROPIC_FOUNDRY_BASE_URL", "CLAUDE_CODE_CUSTOM_OAUTH_URL", NULL,
};

const struct agent agents[] = {
	{ .name = "claude",
	  .program = "claude",
	  .notice_flag = "--append-system-prompt",
	  .yolo_flag = "--dangerously-skip-permissions",
	  .package = "@anthropic-ai/claude-code",
	  .hosts = claude_hosts,
	  .host_urls = claude_host_urls,
	  .env = claude_env,
	  .not_env = claude_not_env,
	  .secret_env = claude_secret_env,
	  .set_env = claude_set_env },
	{ .name = NULL },
};

const struct agent *agent_find(const char *name)
{
	for (const struct agent *agent = agents; agent->name; agent++)
		if (strcmp(agent->name, name) == 0)
			return agent;
	return NULL;
}
