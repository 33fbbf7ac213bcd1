"""What programs are served beside the page: OpenAI's HTTP form and MCP tools."""
