// Rules that oxlint has no rule for.

const MODULE_LEVEL = 'Program > VariableDeclaration > VariableDeclarator'
const EXPORTED = 'Program > ExportNamedDeclaration > VariableDeclaration > VariableDeclarator'

const functionDeclarations = {
  create: (context) => ({
    [`${MODULE_LEVEL}, ${EXPORTED}`]: (node) => {
      const isFunction = /^(Arrow)?FunctionExpression$/.test(node.init?.type ?? '')
      // A type, such as that of a handler, says what a declaration cannot.
      if (isFunction && !node.id.typeAnnotation)
        context.report({ node, message: 'Declare a function of a module by `function`.' })
    },
  }),
}

const hashPrivate = {
  create: (context) => {
    const check = (node) => {
      if (node.accessibility === 'private' && node.kind !== 'constructor')
        context.report({ node, message: 'Write `#name`: what TypeScript calls private is not at run time.' })
    }
    return { PropertyDefinition: check, MethodDefinition: check, TSParameterProperty: check }
  },
}

const STREAMS = /^process\.(stdout|stderr)$/

const printableOutput = {
  create: (context) => ({
    'CallExpression[callee.property.name="write"]': (node) => {
      if (STREAMS.test(context.sourceCode.getText(node.callee.object)))
        context.report({
          node,
          message:
            'Print by bin/terminal/print.ts or a screen: text from outside could move the cursor or forge a line.',
        })
    },
  }),
}

export default {
  meta: { name: 'house-style' },
  rules: {
    'function-declarations': functionDeclarations,
    'hash-private': hashPrivate,
    'printable-output': printableOutput,
  },
}
