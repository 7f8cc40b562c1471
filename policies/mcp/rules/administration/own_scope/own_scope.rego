# METADATA
# title: Administration needs its own scope
# description: |
#   The token that an administrator's MCP client holds calls tools, and must not be good for changing what is
#   permitted: `mcp:admin` is given to what administers alone.
# custom:
#   code: administration.own_scope
package mcp.rules.administration.own_scope

scope contains "mcp:admin" if input.resource.type == "policy"
