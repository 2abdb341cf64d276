"""How the classifier of topics is made: `make topics`; `pipeline/extract/topics_en.md` is its card.

`news.jsonl` are labels of real articles (line numbers of shared/data/volume/unlabelled_18k.jsonl.gz, no text),
`invented.txt` texts of our own for what these seldom treat: `main | second | title | text`, the main topic by the first
two digits of its IPTC code.
"""
