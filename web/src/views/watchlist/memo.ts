import { Component, type ComponentChild, type FunctionComponent, h } from 'preact'

/** A component that is drawn again only when a property of it is another one. */
export function memo<Properties extends object>(
  draw: (properties: Properties) => ComponentChild,
): FunctionComponent<Properties> {
  const Inner: FunctionComponent<Properties> = (properties) => draw(properties)
  class Memoized extends Component<Properties> {
    override shouldComponentUpdate(next: Properties): boolean {
      const keys = new Set([...Object.keys(next), ...Object.keys(this.props)])
      return [...keys].some((key) => Reflect.get(next, key) !== Reflect.get(this.props, key))
    }

    override render(properties: Properties): ComponentChild {
      return h(Inner, properties)
    }
  }
  return (properties) => h(Memoized, properties)
}
