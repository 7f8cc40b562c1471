# METADATA
# description: What kind of call is asked for.
package mcp.lib.calls

# METADATA
# scope: document
# description: it makes somebody work, here or upstream, and so counts against the caller's plan
default metered := false

metered if input.action.name in {"tools/call", "prompts/get", "resources/read"}
