/** Files of a policy repository besides the policy itself, by path; `version` is that of the portcullis to run. */
export const repositoryTexts = (version: string): Readonly<Record<string, string>> => ({
  '.gitignore': 'bundle.tar.gz\nportcullis-reports/\n',
  'README.md': readme(version),
  '.github/workflows/policy.yml': github(version),
  '.gitlab-ci.yml': gitlab(version),
  '.pre-commit-config.yaml': preCommit(version),
})

const readme = (version: string): string => `# Policy

What may be done over MCP, as Rego in [policies/](policies/mcp), decided by Portcullis ${version}.

\`\`\`sh
portcullis check policies
portcullis test policies --cases cases
portcullis build policies --out bundle.tar.gz
portcullis serve --demo --policies policies
\`\`\`

| where | what |
|---|---|
| \`policies/mcp/roles/data.yaml\` | role → tools, paths, plan |
| \`policies/mcp/rules/<area>/<rule>/\` | a rule for every call, and its test |
| \`policies/mcp/tools/<tool>/\` | rules of one tool alone |
| \`cases/\` | questions, and the decisions wanted |

\`portcullis new rule <area>/<name> --policies policies\` begins a rule; add a case that shows what it is for.

The pipelines check, test and compare every change with where it came from. In them, and in
\`.pre-commit-config.yaml\`, write the account that you take Portcullis from instead of \`OWNER\`.
`

const github = (version: string): string => `name: policy
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
  security-events: write
jobs:
  policy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
        with:
          # the comparison needs the commit that a change began at
          fetch-depth: 0
          persist-credentials: false
      - id: policy
        uses: OWNER/portcullis/scripts/action@v${version}
      - if: always() && steps.policy.outputs.sarif
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: \${{ steps.policy.outputs.sarif }}
`

const gitlab = (version: string): string => `include:
  - project: OWNER/portcullis
    ref: v${version}
    file: scripts/action/gitlab.yml
variables:
  PORTCULLIS_REPOSITORY: $CI_SERVER_URL/OWNER/portcullis.git
  PORTCULLIS_REF: v${version}
`

const preCommit = (version: string): string => `repos:
  - repo: https://github.com/OWNER/portcullis
    rev: v${version}
    hooks:
      - id: portcullis-check
      - id: portcullis-test
`
