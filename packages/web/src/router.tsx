// The page's addresses. Screens come when they are first opened; the chat is there from the start.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router"
import { ChatPage } from "./features/chat/chat-page.tsx"
import { Frame } from "./shell/frame.tsx"
import { NotFound } from "./shell/not-found.tsx"
import { ScreenFailed } from "./shell/screen-failed.tsx"

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound })

const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: ChatPage }),
  createRoute({ getParentRoute: () => root, path: "/c/$id", component: ChatPage }),
  createRoute({
    getParentRoute: () => root,
    path: "/temporary",
    component: lazyRouteComponent(() => import("./features/chat/temporary-page.tsx"), "TemporaryPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/compare",
    component: lazyRouteComponent(() => import("./features/compare/compare-page.tsx"), "ComparePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/welcome",
    component: lazyRouteComponent(() => import("./features/welcome/welcome-page.tsx"), "WelcomePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/models",
    component: lazyRouteComponent(() => import("./features/models/models-page.tsx"), "ModelsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/jobs",
    component: lazyRouteComponent(() => import("./features/jobs/jobs-page.tsx"), "JobsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/privacy",
    component: lazyRouteComponent(() => import("./features/privacy/privacy-page.tsx"), "PrivacyPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/system",
    component: lazyRouteComponent(() => import("./features/system/system-page.tsx"), "SystemPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/settings",
    component: lazyRouteComponent(() => import("./features/settings/settings-page.tsx"), "SettingsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/help",
    component: lazyRouteComponent(() => import("./features/help/help-page.tsx"), "HelpPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/help/$page",
    component: lazyRouteComponent(() => import("./features/help/help-page.tsx"), "HelpPage"),
  }),
]

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: "intent",
  defaultErrorComponent: ScreenFailed,
})

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
}
