# METADATA
# title: Mask of the decision log
# description: |
#   Erases free text and personal data from a record before it is written. Paths stay: with them "why was this
#   denied?" can be answered. The input of this package is the record, whose own `input` is the policy input.
# schemas:
#   - input: schema.record
package mcp.log

# METADATA
# description: JSON pointers of what is erased
# entrypoint: true
mask contains "/input/resource/properties/arguments" if {
	type_name(input.input.resource.properties.arguments) != ""
	not _administers
}

mask contains "/input/subject/properties/claims" if type_name(input.input.subject.properties.claims) != ""

# digests of bundles, which nobody else wrote: with them "who put this in force?" can be answered
_administers if input.input.resource.type == "policy"
