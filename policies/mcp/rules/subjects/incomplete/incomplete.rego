# METADATA
# title: The token does not say enough about the caller
# description: |
#   Every caller has a type, an id, an issuer, a tenant (empty when its issuer has none), roles and scopes.
#   Without one of them nothing is decided in its favour.
# custom:
#   code: subjects.incomplete
package mcp.rules.subjects.incomplete

import data.mcp.lib.result
import data.mcp.lib.subject

deny contains _reason if not subject.complete

_reason := result.reason(rego.metadata.chain())
