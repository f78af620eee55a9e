import { allExpanded, collapseAllNested, JsonView } from 'react-json-view-lite';
import './inspector.css';

/** A value as a tree. Large ones begin folded, so that opening one costs no second. */
export function Inspector({ value }: { value: object }) {
  const isSmall = JSON.stringify(value).length < 20_000;
  return (
    <div className="inspector mono">
      <JsonView
        data={value}
        shouldExpandNode={isSmall ? allExpanded : collapseAllNested}
        style={STYLE}
        clickToExpandNode
      />
    </div>
  );
}

const STYLE = {
  container: 'tree',
  basicChildStyle: 'child',
  childFieldsContainer: 'children',
  label: 'label',
  clickableLabel: 'label clickable',
  nullValue: 'value null',
  undefinedValue: 'value null',
  numberValue: 'value number',
  stringValue: 'value string',
  booleanValue: 'value number',
  otherValue: 'value',
  punctuation: 'punctuation',
  expandIcon: 'icon closed',
  collapseIcon: 'icon open',
  collapsedContent: 'more',
  noQuotesForStringValues: false,
  quotesForFieldNames: false,
  ariaLables: { collapseJson: 'fold', expandJson: 'unfold' },
  stringifyStringValues: true,
};
