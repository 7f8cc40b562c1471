# METADATA
# scope: subpackages
# description: Every package below this one reads the policy input; `opa check --schema` holds them to it.
# schemas:
#   - input: schema.input
package mcp
