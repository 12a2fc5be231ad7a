/** Allowed connections in Kubernetes, from deploy/kubernetes/network-policies.yaml. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { REPOSITORY } from './command.js'

describe('network policies', () => {
  interface Rule {
    to?: object[]
    from?: { namespaceSelector: { matchLabels: object } }[]
    ports?: { port: number | string }[]
  }
  interface Policy {
    metadata: { name: string }
    spec: { podSelector: { matchLabels?: Record<string, string> }; policyTypes: string[]; ingress?: Rule[]; egress?: Rule[] }
  }
  const policies = parseAllDocuments(readFileSync(path.join(REPOSITORY, 'deploy/kubernetes/network-policies.yaml'), 'utf8'), {
    merge: true,
  }).map(document => document.toJS() as Policy)
  const about = (component: string) =>
    policies.filter(({ spec: { podSelector } }) =>
      Object.entries(podSelector.matchLabels ?? {}).every(
        ([label, value]) => value === { name: 'obscura', component }[label.replace('app.kubernetes.io/', '')],
      ),
    )
  const ports = (rules: Rule[]) => rules.flatMap(rule => rule.ports?.map(({ port }) => port) ?? ['any'])

  test('close everything that none of them opens', () => {
    expect(policies[0].spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
  })

  test.each([
    ['api', ['http', 'metrics'], [53, 53, 5432, 6379, 443]],
    ['worker', ['metrics'], [53, 53, 5432, 6379, 443, 'any']],
    ['setup', ['metrics'], [53, 53, 5432, 6379, 443]],
  ])('open to and for %s what it needs', (component, incoming, outgoing) => {
    const rules = about(component)
    expect(ports(rules.flatMap(({ spec }) => spec.ingress ?? []))).toEqual(incoming)
    expect(ports(rules.flatMap(({ spec }) => spec.egress ?? []))).toEqual(outgoing)
    for (const { from } of rules.flatMap(({ spec }) => spec.ingress ?? [])) expect(from).toHaveLength(1)
  })

  test('block webhooks to private addresses, and all access to the metadata address of the machines', () => {
    const outside = policies.flatMap(({ spec }) => spec.egress ?? []).filter(({ to }) => JSON.stringify(to).includes('0.0.0.0/0'))
    expect(outside).toHaveLength(2)
    for (const { to } of outside) {
      for (const range of ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10', '127.0.0.0/8'])
        expect(JSON.stringify(to)).toContain(`"${range}"`)
    }
  })
})
